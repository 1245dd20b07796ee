import { ImageOff } from "lucide-react";
import { useState } from "react";
import { imageWords, type ToolImage } from "@/components/chat/tool-images/read-tool-image";
import { Dialog } from "@/components/ui/overlay/dialog";

const problems = {
  broken: "This image is broken.",
  "too-large": "This image is too large to show.",
} as const;

/** An image in a tool's answer, or text on why it is missing. Its place is reserved before it is drawn. */
export function ToolImageView({
  image,
  alt,
  className,
}: {
  image: ToolImage;
  alt: string;
  className: string;
}) {
  const [failed, setFailed] = useState(false);
  if (image.kind === "no-image" || failed) {
    return (
      <span className="flex h-full min-h-20 min-w-0 flex-col items-center justify-center gap-1 p-1 text-center text-2xs text-muted">
        <ImageOff aria-hidden="true" className="size-4 shrink-0 text-faint" />
        {problems[image.kind === "no-image" ? image.problem : "broken"]}
      </span>
    );
  }
  const { url, width, height } = image;
  return (
    // biome-ignore lint/performance/noImgElement: bytes at hand, nothing to fetch or resize
    <img
      src={url}
      alt={alt}
      width={width}
      height={height}
      decoding="async"
      onError={() => setFailed(true)}
      className={`max-w-full [object-fit:contain] ${className}`}
    />
  );
}

/** Images in the row. If there are more, the last place shows how many. */
const places = 4;

const place =
  "block h-20 w-full min-w-0 overflow-hidden rounded-md border border-border bg-sunken text-muted text-xs";

/** An answer's thumbnails, under its closed card. The row has the same height whatever is in it. */
export function ToolImageRow({
  images,
  title,
  onMore,
}: {
  images: readonly ToolImage[];
  /** The tool's, in one line. */
  title: string;
  onMore: () => void;
}) {
  const shown = images.length > places ? images.slice(0, places - 1) : images;
  const left = images.length - shown.length;
  return (
    <ul
      aria-label={`Images from ${title}`}
      className="grid h-23 max-w-lg grid-cols-4 gap-2 px-3 pb-3"
    >
      {shown.map((image, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: an answer does not change once it is there
        <li key={index} className="min-w-0">
          <Thumbnail image={image} words={imageWords(image, index, title)} />
        </li>
      ))}
      {left > 0 ? (
        <li className="min-w-0">
          <button
            type="button"
            onClick={onMore}
            className={`${place} hover:bg-hover hover:text-text`}
          >
            +{left} more<span className="sr-only"> images from {title}</span>
          </button>
        </li>
      ) : null}
    </ul>
  );
}

function Thumbnail({ image, words }: { image: ToolImage; words: string }) {
  if (image.kind === "no-image") {
    return (
      <div className={place}>
        <ToolImageView image={image} alt={words} className="size-full" />
      </div>
    );
  }
  return (
    <Dialog
      size="lg"
      title={words}
      trigger={
        <button type="button" className={`${place} cursor-zoom-in hover:border-border-strong`}>
          <ToolImageView image={image} alt={words} className="size-full" />
        </button>
      }
    >
      <ToolImageView image={image} alt={words} className="mx-auto h-auto max-h-[70dvh] w-auto" />
    </Dialog>
  );
}
