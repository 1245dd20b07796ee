"use client";

import { ChevronRight } from "lucide-react";
import { useState } from "react";
import { Badge } from "@/components/ui/badge";
import { Disclosure } from "@/components/ui/disclosure";
import { CodeBlock, InlineCode } from "@/components/ui/text/code-block";
import { LongText, TwoLines } from "@/components/ui/text/long-text";
import { type CatalogueTool, isReadOnly } from "@/lib/contracts/servers/catalogue";
import { visible } from "@/lib/untrusted-text";
import { type ToolParameter, toolParameters } from "./tool-parameters";

/** A tool, collapsed to two lines. Details render on first open: there may be hundreds. */
export function ToolRow({ tool }: { tool: CatalogueTool }) {
  const [opened, setOpened] = useState(false);
  const title = tool.title ?? tool.annotations.title;
  return (
    <li>
      <details
        onToggle={(event) => {
          if (event.target === event.currentTarget && event.currentTarget.open) setOpened(true);
        }}
        className="group/tool min-w-0"
      >
        <summary className="flex list-none items-start gap-2 px-3 py-2.5 text-sm hover:bg-hover focus-visible:-outline-offset-2">
          <ChevronRight
            aria-hidden="true"
            className="mt-0.5 size-4 shrink-0 text-faint transition-transform group-open/tool:rotate-90"
          />
          <span className="grid min-w-0 flex-1 gap-0.5">
            <span className="flex min-w-0 flex-wrap items-center gap-x-2 gap-y-1">
              {title ? <TwoLines text={title} className="font-medium" /> : null}
              <TwoLines text={tool.name} className="font-mono text-xs" />
              <ToolEffect tool={tool} />
            </span>
            {tool.description ? (
              <TwoLines
                text={visible(tool.description)}
                className="text-muted text-xs group-open/tool:hidden"
              />
            ) : null}
          </span>
        </summary>
        {opened ? <ToolDetails tool={tool} /> : null}
      </details>
    </li>
  );
}

/** From the server's hints; without one, a tool may change data. */
function ToolEffect({ tool }: { tool: CatalogueTool }) {
  if (isReadOnly(tool)) return <Badge tone="success">Read-only</Badge>;
  if (tool.annotations.destructiveHint === true) return <Badge tone="danger">Destructive</Badge>;
  return <Badge>Can change data</Badge>;
}

export function ToolDetails({ tool }: { tool: CatalogueTool }) {
  return (
    <div className="grid gap-3 px-3 pt-1 pb-4 pl-9">
      {tool.description ? (
        <div
          // biome-ignore lint/a11y/noNoninteractiveTabindex: a box that scrolls must be reachable by keyboard
          tabIndex={0}
          className="max-h-64 overflow-y-auto whitespace-pre-wrap text-muted text-sm [overflow-wrap:anywhere]"
        >
          <bdi>
            <LongText text={visible(tool.description)} />
          </bdi>
        </div>
      ) : (
        <p className="text-faint text-sm">No description.</p>
      )}
      <ToolArguments tool={tool} />
      <Disclosure title="Input schema" summary="JSON">
        <CodeBlock
          code={visible(JSON.stringify(tool.inputSchema, null, 2))}
          wrap
          codeClassName="max-h-80"
        />
      </Disclosure>
    </div>
  );
}

function ToolArguments({ tool }: { tool: CatalogueTool }) {
  const parameters = toolParameters(tool.inputSchema);
  if (parameters.length === 0) {
    return <p className="text-muted text-sm">No arguments.</p>;
  }
  return (
    <div className="rounded-lg border border-border">
      <h3 className="border-border border-b bg-sunken px-3 py-1.5 font-medium text-muted text-xs">
        Arguments
      </h3>
      <dl className="divide-y divide-border">
        {parameters.map((parameter) => (
          <ToolArgument key={parameter.name} parameter={parameter} />
        ))}
      </dl>
    </div>
  );
}

function ToolArgument({ parameter }: { parameter: ToolParameter }) {
  const { name, type, required, description, values } = parameter;
  return (
    <div className="grid gap-1 px-3 py-2.5">
      <dt className="flex min-w-0 flex-wrap items-baseline gap-x-2 text-xs">
        <bdi className="font-medium font-mono [overflow-wrap:anywhere]">{visible(name)}</bdi>
        <bdi className="text-muted [overflow-wrap:anywhere]">{visible(type)}</bdi>
        <span className={required ? "text-warning-text" : "text-faint"}>
          {required ? "required" : "optional"}
        </span>
      </dt>
      {description ? (
        <dd className="whitespace-pre-wrap text-muted text-xs [overflow-wrap:anywhere]">
          <bdi>
            <LongText text={visible(description)} />
          </bdi>
        </dd>
      ) : null}
      {values.length > 0 ? (
        <dd className="flex flex-wrap gap-1 text-xs">
          <span className="sr-only">One of</span>
          {values.map((value) => (
            <InlineCode key={value}>{visible(value)}</InlineCode>
          ))}
        </dd>
      ) : null}
    </div>
  );
}
