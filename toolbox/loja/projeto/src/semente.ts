// Os dados iniciais: um cliente, alguns produtos e um pedido. Tudo tem um código fixo e é escrito com upsert, para que
// executar de novo não mude nada.
import { banco } from './banco.ts';

const CLIENTE = { codigo: '5eed0000-0000-4000-8000-000000000001', nome: 'Cliente de exemplo', email: 'exemplo@loja.example' };
const PRODUTOS = [
  { sku: 'SEMENTE-CAFE', nome: 'Café torrado 500 g', preco: '32.90', etiquetas: ['bebida'] },
  { sku: 'SEMENTE-CHA', nome: 'Chá-mate 250 g', preco: '11.50', etiquetas: ['bebida'] },
  { sku: 'SEMENTE-PAO', nome: 'Pão de queijo 1 kg', preco: '27.00', etiquetas: [] },
];
const PEDIDO = 'SEMENTE-1';

try {
  const cliente = await banco.cliente.upsert({ where: { codigo: CLIENTE.codigo }, update: {}, create: CLIENTE });
  const produtos = [];
  for (const produto of PRODUTOS) {
    produtos.push(await banco.produto.upsert({ where: { sku: produto.sku }, update: {}, create: produto }));
  }
  await banco.pedido.upsert({
    where: { numero: PEDIDO },
    update: {},
    create: {
      numero: PEDIDO,
      cliente_id: cliente.id,
      subtotal: '65.80',
      itens: { create: { linha: 1, produto_id: produtos[0].id, quantidade: 2, preco_unitario: '32.90' } },
    },
  });
  console.log(`semente: 1 cliente, ${produtos.length} produtos e 1 pedido estão no banco de dados`);
} finally {
  await banco.$disconnect();
}
