import { defineConfig } from 'prisma/config';

// Os endereços vêm só do ambiente: nenhuma senha fica no repositório. Sem DATABASE_URL, `generate` e `validate` ainda
// funcionam; o que precisa do banco de dados diz que falta o endereço.
export default defineConfig({
  schema: 'prisma/schema.prisma',
  migrations: {
    path: 'prisma/migrations',
    seed: 'node src/semente.ts',
  },
  datasource: {
    url: process.env.DATABASE_URL,
    shadowDatabaseUrl: process.env.SHADOW_DATABASE_URL,
  },
});
