import Link from "next/link";
import { MessagePage } from "@/components/shell/message-page";
import { Button } from "@/components/ui/button";

export const metadata = { title: "Not allowed" };

/** Inside the workspace, whose layout provides the navigation and the main landmark. */
export default function Forbidden() {
  return (
    <MessagePage
      title="You don’t have access to this page"
      actions={
        <Button asChild variant="primary">
          <Link href="/">Go home</Link>
        </Button>
      }
    >
      Your role does not include it. If you need it, ask an admin.
    </MessagePage>
  );
}
