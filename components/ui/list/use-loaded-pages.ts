"use client";

import { useEffect } from "react";
import { useUrlState } from "./use-url-state";

/** A list opened by a URL is at most this long; the rest is a click away. */
const mostPages = 20;

/** How many pages of a long list are shown, kept in the URL; 1 if its value is invalid. */
export function useUrlPages(name: string): [number, (pages: number) => void] {
  const [text, setText] = useUrlState(name);
  const pages = /^[1-9]\d{0,3}$/.test(text) ? Math.min(Number(text), mostPages) : 1;
  return [pages, (next) => setText(next > 1 ? `${next}` : "")];
}

/** Fetches as many pages as are shown: those of a list restored by a reload or a link. */
export function useLoadedPages(
  query: {
    data: { pages: readonly unknown[] } | undefined;
    isPlaceholderData: boolean;
    isFetching: boolean;
    isError: boolean;
    hasNextPage: boolean;
    fetchNextPage: () => unknown;
  },
  wanted: number,
): void {
  const { data, isPlaceholderData, isFetching, isError, hasNextPage, fetchNextPage } = query;
  const loaded = data?.pages.length ?? 0;
  const more =
    loaded > 0 && loaded < wanted && hasNextPage && !isFetching && !isError && !isPlaceholderData;
  useEffect(() => {
    if (more) void fetchNextPage();
  }, [more, fetchNextPage]);
}
