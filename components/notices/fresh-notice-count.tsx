"use client";

import { useQuery } from "@tanstack/react-query";
import type { ComponentProps } from "react";
import { noticesQuery } from "@/lib/queries/notices";
import { NoticeCount } from "./notice-count";

type FreshNoticeCountProps = Omit<ComponentProps<typeof NoticeCount>, "count"> & {
  /** As delivered with the page. */
  first: number;
};

export default function FreshNoticeCount({ first, ...classes }: FreshNoticeCountProps) {
  const { data } = useQuery(noticesQuery());
  return <NoticeCount count={data?.notices.length ?? first} {...classes} />;
}
