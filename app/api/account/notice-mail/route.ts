import { noticeMailChoice } from "@/lib/contracts/notices/notice-mail";
import { handle } from "@/lib/http/handle";
import { readJson } from "@/lib/http/read-input";
import { changeNoticeMail, readNoticeMail } from "@/lib/people/notice-mail";

export const GET = handle("account.manage-own", async ({ app, user }) => readNoticeMail(app, user));

export const PUT = handle("account.manage-own", async ({ app, user, request }) => {
  const { noticeMail } = await readJson(request, noticeMailChoice);
  await changeNoticeMail(app, user, noticeMail);
});
