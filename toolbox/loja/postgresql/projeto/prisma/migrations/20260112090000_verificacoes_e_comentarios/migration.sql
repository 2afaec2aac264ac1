-- Escrita à mão: o Prisma não descreve verificações nem comentários, e não distingue uma lista que aceita NULL.

ALTER TABLE "clientes" ADD CONSTRAINT "clientes_email_check" CHECK ("email" LIKE '%@%');
ALTER TABLE "produtos" ADD CONSTRAINT "produtos_preco_check" CHECK ("preco" >= 0);
ALTER TABLE "itens" ADD CONSTRAINT "itens_quantidade_check" CHECK ("quantidade" > 0);
ALTER TABLE "pagamentos" ADD CONSTRAINT "pagamentos_metodo_check"
    CHECK ("metodo" IN ('pix', 'cartao', 'boleto', 'dinheiro'));
ALTER TABLE "estoque" ADD CONSTRAINT "estoque_reservado_check" CHECK ("reservado" >= 0);

ALTER TABLE "produtos" ALTER COLUMN "etiquetas" SET NOT NULL;

COMMENT ON TABLE "clientes" IS 'Quem compra; "indicado_por" aponta para outro cliente';
COMMENT ON TABLE "auditoria" IS 'Sem chave primária, de propósito';
COMMENT ON COLUMN "produtos"."custo" IS 'Custo médio, com 18 casas decimais – não arredondar';
COMMENT ON COLUMN "pedidos"."fuso" IS 'Fuso horário de quem comprou; realizado_em é um instante';
