import { MessagePage } from "@/components/shell/message-page";
import { Button } from "@/components/ui/button";

export const metadata = { title: "Not found" };

export default function NotFound() {
  return (
    <main>
      <MessagePage
        title="There is nothing here"
        actions={
          <Button asChild variant="primary">
            <a href="/">Go to the start page</a>
          </Button>
        }
      >
        What this address points to was deleted, or the address has a typing error.
      </MessagePage>
    </main>
  );
}
