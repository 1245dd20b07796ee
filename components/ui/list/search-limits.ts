/** A shorter list is read faster than it is searched. */
export const searchFrom = 9;

/** Characters; a name or an address that somebody pasted fits. */
export const longestSearch = 200;
