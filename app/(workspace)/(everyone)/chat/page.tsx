export const metadata = { title: "Chat" };

export default function NewConversationPage() {
  return null;
}
