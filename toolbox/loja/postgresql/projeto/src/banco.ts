import { PrismaPg } from '@prisma/adapter-pg';
import { PrismaClient } from './generated/client.ts';

const endereco = process.env.DATABASE_URL;
if (!endereco) {
  console.error('a variável DATABASE_URL está vazia: diga o endereço do banco de dados');
  process.exit(1);
}

export const banco = new PrismaClient({ adapter: new PrismaPg({ connectionString: endereco }) });
