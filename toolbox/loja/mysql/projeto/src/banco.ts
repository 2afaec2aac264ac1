import { PrismaMariaDb } from '@prisma/adapter-mariadb';
import { PrismaClient } from './generated/client.ts';

if (!process.env.DATABASE_URL) {
  console.error('a variável DATABASE_URL está vazia: diga o endereço do banco de dados');
  process.exit(1);
}
const endereco = new URL(process.env.DATABASE_URL);

// allowPublicKeyRetrieval: sem TLS, o primeiro acesso com caching_sha2_password precisa da chave pública do servidor. Em uma
// rede em que não se confia, use TLS (ssl) em vez disso. acquireTimeout: o pool tenta de novo até o fim desse tempo, também
// quando a senha está errada.
export const banco = new PrismaClient({
  adapter: new PrismaMariaDb({
    host: endereco.hostname,
    port: Number(endereco.port || 3306),
    user: decodeURIComponent(endereco.username),
    password: decodeURIComponent(endereco.password),
    database: decodeURIComponent(endereco.pathname.slice(1)),
    allowPublicKeyRetrieval: true,
    acquireTimeout: 3000,
  }),
});
