import { Badge } from "@/components/ui/badge";
import { Checkbox } from "@/components/ui/fields/checkbox";
import { TwoLines } from "@/components/ui/text/long-text";
import type { ToolPolicy } from "@/lib/contracts/servers/tool-policy";
import { visible } from "@/lib/untrusted-text";
import { ToolPolicySelect } from "./tool-policy-select";
import type { ToolOption } from "./tool-selection";

/** One tool: whether the assistant may call it, if that is chosen, and whether its calls ask. */
export function ToolLine({
  tool,
  chosen,
  policy,
  onChoose,
  onDecide,
}: {
  tool: ToolOption;
  chosen: boolean;
  policy: ToolPolicy | null;
  /** Null if all tools are chosen. */
  onChoose: ((chosen: boolean) => void) | null;
  onDecide: (policy: ToolPolicy | null) => void;
}) {
  const { name, readOnly, missing } = tool;
  const effect = missing ? "Missing" : readOnly ? "Read-only" : "Can change data";
  return (
    <li className="flex items-start justify-between gap-x-3 gap-y-1.5 px-3 py-2 max-sm:flex-col">
      {onChoose ? (
        <Checkbox
          className="min-w-0"
          checked={chosen}
          onChange={(event) => onChoose(event.target.checked)}
          label={<Names tool={tool} />}
          description={
            <>
              <span className="sr-only">{effect}. </span>
              <Description tool={tool} />
            </>
          }
        />
      ) : (
        <div className="grid min-w-0 gap-0.5 text-sm">
          <Names tool={tool} />
          <p className="text-muted text-xs">
            <span className="sr-only">{effect}. </span>
            <Description tool={tool} />
          </p>
        </div>
      )}
      <span
        className={`flex shrink-0 items-center gap-2 max-sm:w-full max-sm:justify-between ${onChoose ? "max-sm:pl-6.5" : ""}`}
      >
        <span aria-hidden="true" className="flex">
          <Badge tone={missing ? "danger" : readOnly ? "neutral" : "warning"}>{effect}</Badge>
        </span>
        {missing ? null : chosen ? (
          <ToolPolicySelect
            toolName={name}
            readOnly={readOnly}
            policy={policy}
            offersNever={onChoose === null}
            onChange={onDecide}
          />
        ) : (
          <span className="w-44 max-sm:hidden" />
        )}
      </span>
    </li>
  );
}

function Names({ tool: { name, title } }: { tool: ToolOption }) {
  return (
    <span className="flex min-w-0 flex-wrap items-baseline gap-x-2">
      {title ? <TwoLines text={title} className="font-medium" /> : null}
      <TwoLines text={name} className="font-mono text-xs" />
    </span>
  );
}

function Description({ tool: { description } }: { tool: ToolOption }) {
  return description ? <TwoLines text={visible(description)} /> : null;
}
