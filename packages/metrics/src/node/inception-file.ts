/** The official weights of pytorch-fid's releases; the name includes the first digits of the sha256. */
export const officialInception = {
  name: "pt_inception-2015-12-05-6726825d.pth",
  url: "https://github.com/mseitzer/pytorch-fid/releases/download/fid_weights/pt_inception-2015-12-05-6726825d.pth",
  bytes: 95_628_359,
  sha256: "6726825d",
} as const;
