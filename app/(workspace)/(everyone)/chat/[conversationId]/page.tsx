export const metadata = { title: "Chat" };

export default function ConversationPage() {
  return null;
}
