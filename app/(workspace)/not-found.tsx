import Link from "next/link";
import { MessagePage } from "@/components/shell/message-page";
import { Button } from "@/components/ui/button";

export const metadata = { title: "Not found" };

export default function NotFound() {
  return (
    <MessagePage
      title="Page not found"
      actions={
        <Button asChild variant="primary">
          <Link href="/">Go home</Link>
        </Button>
      }
    >
      Check the address. What was here may have been deleted, or may belong to somebody else.
    </MessagePage>
  );
}
