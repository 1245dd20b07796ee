import { ImageOff } from "lucide-react";
import { useState } from "react";
import type { ToolImage } from "./read-tool-image";

const problems = {
  broken: "This image is broken.",
  "too-large": "This image is too large to show.",
} as const;

/** An image of a tool's answer, or words on why it is not there. Its place is reserved before it is drawn. */
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
