import { MessagePage } from "@/components/shell/message-page";
import { Button } from "@/components/ui/button";

export const metadata = { title: "Not allowed" };

export default function Forbidden() {
  return (
    <main>
      <MessagePage
        title="You don’t have access to this page"
        actions={
          <Button asChild variant="primary">
            <a href="/">Go home</a>
          </Button>
        }
      >
        Your role does not include it. If you need it, ask an admin.
      </MessagePage>
    </main>
  );
}
