import { Command } from "commander";
import { createSigningKey } from "../files/signing-key.ts";
import { print, tell } from "./terminal.ts";

export function keyCommand(): Command {
  return new Command("key").description("make keys to sign bundles with").addCommand(
    new Command("new")
      .description("write a new Ed25519 key, and its public key beside it as FILE.pub")
      .option("--out <file>", "the private key", "jejakekal-signing-key.pem")
      .action(async ({ out }: { out: string }) => {
        const { keyId, privateKeyPath, publicKeyPath } = await createSigningKey(out);
        print({ key_id: keyId, private_key: privateKeyPath, public_key: publicKeyPath });
        tell(
          `Set JEJAKEKAL_SIGNING_KEY to ${privateKeyPath}, and give ${publicKeyPath} to those who verify.`,
        );
      }),
  );
}
