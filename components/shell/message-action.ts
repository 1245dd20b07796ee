const look =
  "inline-flex h-8 items-center rounded-md px-3 font-medium text-sm shadow-control transition-colors pointer-coarse:h-10";

/**
 * The looks of `Button` on the pages that show an error. Those come with every other page, so they
 * bring neither Button nor Link.
 */
export const messageAction = {
  primary: `${look} bg-accent text-on-accent hover:bg-accent-hover`,
  secondary: `${look} border border-border-strong bg-surface text-text hover:bg-sunken dark:bg-raised dark:hover:bg-pressed`,
} as const;
