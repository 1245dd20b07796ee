/*
 * Between 64 and 80 rem, with the chat beside the page, the navigation shrinks to a rail of icons,
 * so that the page keeps at least 36 rem. `group/shell` and `data-chat` are set in
 * workspace-shell.tsx.
 */

/** For words: gone from sight in the rail, still there for screen readers. */
export const railHidden = "lg:max-xl:group-data-[chat=open]/shell:sr-only";

export const railWidth = "w-58 lg:max-xl:group-data-[chat=open]/shell:w-14";
