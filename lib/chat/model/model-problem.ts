import { InvalidInputError } from "@/lib/errors";
import { builtInModelName, defaultModelName, type ModelEnv, resolveModel } from "./model";

/** What is wrong with a model's name on this installation, in words; null where it can be used. */
export function modelProblem(name: string, env: ModelEnv): string | null {
  try {
    resolveModel(name, env);
    return null;
  } catch (error) {
    if (error instanceof InvalidInputError) return error.userMessage;
    throw error;
  }
}

/** What answers where an assistant names no model. */
export function describeDefaultModel(env: ModelEnv): { name: string; builtIn: boolean } {
  const name = defaultModelName(env);
  return { name, builtIn: name === builtInModelName };
}
