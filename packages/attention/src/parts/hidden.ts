/** What is added to a logit that a mask hides; the released code of TransGAN and others has the same number. */
export const hidden = -1e9;
