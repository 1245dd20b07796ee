"use client";

import { type ReactNode, useState } from "react";
import { Button } from "@/components/ui/button";

/** So many are read one by one; of more, the page that they stand on would be nothing else. */
const atFirst = 5;

/** Tools to review, the first few of many until all are asked for. */
export function ToolReviewList<Review>({
  reviews,
  children,
}: {
  reviews: readonly Review[];
  children: (review: Review) => ReactNode;
}) {
  const [all, setAll] = useState(false);
  const shown = all ? reviews : reviews.slice(0, atFirst);
  const left = reviews.length - shown.length;
  return (
    <>
      <ul className="divide-y divide-border">{shown.map(children)}</ul>
      {left > 0 ? (
        <div className="border-border border-t px-3 py-2">
          <Button variant="ghost" size="sm" className="-ml-2.5" onClick={() => setAll(true)}>
            Show {left} more
          </Button>
        </div>
      ) : null}
    </>
  );
}
