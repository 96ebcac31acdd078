/** What a batch norm adds to a variance before its root is taken. */
export const EPSILON = 1e-5;
