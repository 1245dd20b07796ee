import { Download } from "lucide-react";
import { Button } from "@/components/ui/button";
import { Callout } from "@/components/ui/callout";
import { downloadText } from "@/components/ui/download-text";
import { CodeBlock } from "@/components/ui/text/code-block";

/** Recovery codes, shown only once. */
export function SavedCodes({ codes }: { codes: readonly string[] }) {
  const text = codes.join("\n");
  return (
    <div className="grid gap-4">
      <Callout tone="warning" title="Save these recovery codes now" announce>
        They are shown only once. Each one signs you in once if you lose your phone.
      </Callout>
      <CodeBlock code={text} />
      <Button
        className="justify-self-start"
        onClick={() => downloadText("usher-recovery-codes.txt", "text/plain", `${text}\n`)}
      >
        <Download aria-hidden="true" />
        Download
      </Button>
    </div>
  );
}
