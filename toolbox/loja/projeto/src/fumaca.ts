// O teste de fumaça: pelo cliente gerado, lê um pedido, escreve outro, confere o que o banco de dados fez dele e o desfaz. A
// transação nunca é confirmada: mesmo interrompido no meio, ele não deixa nada. Sai com 1 quando algo não está certo.
import { banco } from './banco.ts';

class Desfeito extends Error {}

function conferir(o_que: string, esperado: unknown, encontrado: unknown): void {
  if (String(esperado) !== String(encontrado)) throw new Error(`${o_que}: esperava ${esperado} e encontrei ${encontrado}`);
}

// De um erro do Prisma interessa a causa que o driver diz, ou então o último parágrafo: antes dele vem o código-fonte.
function motivo(erro: unknown): string {
  if (!(erro instanceof Error)) return String(erro);
  const { meta } = erro as { meta?: { driverAdapterError?: { cause?: { cause?: string } } } };
  const texto = meta?.driverAdapterError?.cause?.cause ?? erro.message.split('\n\n').at(-1) ?? '';
  return texto.trim().replaceAll(/\s+/g, ' ');
}

try {
  const lido = await banco.pedido.findFirst({ orderBy: { id: 'asc' }, include: { cliente: true, itens: true } });
  if (!lido) throw new Error('não há nenhum pedido: carregue os dados ou rode `pnpm exec prisma db seed`');
  const produto = await banco.produto.findFirstOrThrow({ orderBy: { id: 'asc' } });
  const numero = `FUMACA-${process.pid}`;
  await banco
    .$transaction(async (transacao) => {
      const { id } = await transacao.pedido.create({
        data: {
          numero,
          cliente_id: lido.cliente_id,
          subtotal: '30.03',
          frete: '5.00',
          itens: { create: { linha: 1, produto_id: produto.id, quantidade: 3, preco_unitario: '10.01' } },
        },
      });
      const escrito = await transacao.pedido.findUniqueOrThrow({ where: { numero }, include: { itens: true } });
      conferir('situação do pedido escrito', 'rascunho', escrito.status);
      conferir('itens do pedido escrito', 1, escrito.itens.length);
      conferir('total do item, que o banco de dados calcula', '30.03', escrito.itens[0].total);
      conferir('total do pedido, que o banco de dados calcula', '35.03', escrito.total);
      const [funcao] = await transacao.$queryRaw<{ total: unknown }[]>`SELECT total_pedido(${id}) AS total`;
      conferir('função total_pedido', '30.03', funcao.total);
      throw new Desfeito();
    })
    .catch((erro: unknown) => {
      if (!(erro instanceof Desfeito)) throw erro;
    });
  conferir('pedidos de teste que sobraram', 0, await banco.pedido.count({ where: { numero } }));
  console.log(`fumaça: li o pedido ${lido.numero} (itens: ${lido.itens.length}), escrevi outro, conferi os totais e o desfiz`);
} catch (erro) {
  console.error(`fumaça: ${motivo(erro)}`);
  process.exitCode = 1;
} finally {
  await banco.$disconnect();
}
