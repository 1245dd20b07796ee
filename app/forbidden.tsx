import { MessagePage } from "@/components/shell/message-page";
import { Button } from "@/components/ui/button";

export const metadata = { title: "Not allowed" };

export default function Forbidden() {
  return (
    <main>
      <MessagePage
        title="Your role cannot open this page"
        actions={
          <Button asChild variant="primary">
            <a href="/">Go to the start page</a>
          </Button>
        }
      >
        If you need what is here, ask an admin of your team to do it or to change your role.
      </MessagePage>
    </main>
  );
}
