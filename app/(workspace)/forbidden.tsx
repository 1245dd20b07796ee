import Link from "next/link";
import { MessagePage } from "@/components/shell/message-page";
import { Button } from "@/components/ui/button";

export const metadata = { title: "Not allowed" };

/** Inside the workspace, whose layout provides the navigation and the main landmark. */
export default function Forbidden() {
  return (
    <MessagePage
      title="Your role cannot open this page"
      actions={
        <Button asChild variant="primary">
          <Link href="/">Go to the start page</Link>
        </Button>
      }
    >
      If you need what is here, ask an admin of your team to do it or to change your role.
    </MessagePage>
  );
}
