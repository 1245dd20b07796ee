import { MessagePage } from "@/components/shell/message-page";
import { Button } from "@/components/ui/button";

export const metadata = { title: "Not found" };

export default function NotFound() {
  return (
    <main>
      <MessagePage
        title="Page not found"
        actions={
          <Button asChild variant="primary">
            <a href="/">Go home</a>
          </Button>
        }
      >
        Check the address. What was here may have been deleted.
      </MessagePage>
    </main>
  );
}
