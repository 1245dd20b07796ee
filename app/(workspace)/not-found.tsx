import Link from "next/link";
import { MessagePage } from "@/components/shell/message-page";
import { Button } from "@/components/ui/button";

export const metadata = { title: "Not found" };

export default function NotFound() {
  return (
    <MessagePage
      title="There is nothing here"
      actions={
        <Button asChild variant="primary">
          <Link href="/">Go to the start page</Link>
        </Button>
      }
    >
      What this address points to was deleted, is somebody else’s, or the address has a typing
      error.
    </MessagePage>
  );
}
