/** Most real images per update: far more than useful, and small enough to be allocated. */
export const largestBatch = 65_536;
