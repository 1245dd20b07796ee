import Link from "next/link";
import { useId } from "react";
import { LetterMark } from "@/components/mcp-servers/choice/letter-mark";
import { Skeleton } from "@/components/ui/loading";
import {
  type VendorServer,
  type VendorServerCategory,
  type VendorServerTile,
  vendorServerCategories,
} from "@/lib/contracts/catalogue/vendor-server";
import { newServerPath } from "./new-server-path";

const grid = "grid gap-2 sm:grid-cols-2 @4xl:grid-cols-3";

/** By category, in the catalogue's order of both. */
export function VendorTiles({ tiles }: { tiles: readonly VendorServerTile[] }) {
  const categories = Object.keys(vendorServerCategories) as VendorServerCategory[];
  return (
    <div className="@container grid gap-7">
      {categories.map((category) => {
        const own = tiles.filter((tile) => tile.category === category);
        return own.length > 0 ? <Category key={category} category={category} tiles={own} /> : null;
      })}
    </div>
  );
}

function Category({
  category,
  tiles,
}: {
  category: VendorServerCategory;
  tiles: readonly VendorServerTile[];
}) {
  const headingId = useId();
  return (
    <section aria-labelledby={headingId} className="grid min-w-0 gap-2.5">
      <h2 id={headingId} className="font-medium text-muted text-sm">
        {vendorServerCategories[category]}
      </h2>
      <ul className={grid}>
        {tiles.map((tile) => (
          <Tile key={tile.id} {...tile} />
        ))}
      </ul>
    </section>
  );
}

function Tile({ id, name, description, color, registration }: VendorServerTile) {
  const describedBy = useId();
  return (
    <li className="relative flex min-w-0 gap-3 rounded-lg border border-border bg-surface p-3 shadow-control transition-colors hover:border-border-strong hover:bg-hover has-focus-visible:outline-2 has-focus-visible:outline-ring has-focus-visible:outline-offset-2">
      <LetterMark name={name} color={color} />
      <div className="grid min-w-0 flex-1 content-start gap-0.5">
        <div className="flex min-w-0 items-baseline justify-between gap-2">
          <Link
            href={newServerPath({ server: id })}
            aria-describedby={describedBy}
            className="min-w-0 truncate font-medium text-sm outline-none after:absolute after:inset-0 after:rounded-lg"
          >
            {name}
          </Link>
          <span className="shrink-0 text-2xs text-muted">{connectionWords[registration]}</span>
        </div>
        <p id={describedBy} className="line-clamp-2 text-muted text-xs">
          {description}
        </p>
      </div>
    </li>
  );
}

export function VendorTilesSkeleton() {
  return (
    <div className="@container">
      <p role="status" className="sr-only">
        Loading
      </p>
      <div aria-hidden="true" className="grid gap-2.5">
        <Skeleton className="h-4 w-36" />
        <div className={grid}>
          {Array.from({ length: 12 }, (_, place) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: places, not things
            <div key={place} className="flex gap-3 rounded-lg border border-border bg-surface p-3">
              <Skeleton className="size-9 rounded-md" />
              <div className="grid flex-1 content-start gap-2">
                <Skeleton className="w-24" />
                <Skeleton className="h-3 w-full max-w-52" />
              </div>
            </div>
          ))}
        </div>
      </div>
    </div>
  );
}

/** How a vendor's server is connected, in two words. */
const connectionWords: Record<VendorServer["registration"], string> = {
  DYNAMIC: "Automatic OAuth",
  METADATA_DOCUMENT: "Automatic OAuth",
  PRE_REGISTERED: "OAuth app",
  KEY: "API key",
  NONE: "No sign-in",
};
