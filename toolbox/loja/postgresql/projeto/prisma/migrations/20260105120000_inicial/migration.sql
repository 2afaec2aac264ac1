-- Gerada com `prisma migrate dev --create-only` e revista à mão: são nossas só a extensão e as expressões das quatro
-- colunas GENERATED, que o Prisma não sabe escrever.

-- CreateExtension
CREATE EXTENSION IF NOT EXISTS "citext" WITH SCHEMA "public";

-- CreateEnum
CREATE TYPE "status_pedido" AS ENUM ('rascunho', 'aguardando_pagamento', 'pago', 'enviado', 'entregue', 'cancelado', 'devolvido');

-- CreateTable
CREATE TABLE "clientes" (
    "id" SERIAL NOT NULL,
    "codigo" UUID NOT NULL,
    "nome" VARCHAR(120) NOT NULL,
    "apelido" VARCHAR(60),
    "email" CITEXT NOT NULL,
    "nascimento" DATE,
    "ativo" BOOLEAN NOT NULL DEFAULT true,
    "limite_credito" DECIMAL(14,2) NOT NULL DEFAULT 0,
    "indicado_por" INTEGER,
    "preferencias" JSONB,
    "foto" BYTEA,
    "observacao" TEXT,
    "criado_em" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "atualizado_em" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "clientes_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "produtos" (
    "id" SERIAL NOT NULL,
    "sku" VARCHAR(32) NOT NULL,
    "nome" VARCHAR(200) NOT NULL,
    "descricao" TEXT,
    "preco" DECIMAL(12,2) NOT NULL,
    "preco_centavos" BIGINT GENERATED ALWAYS AS ((preco * 100)::bigint) STORED,
    "custo" DECIMAL(38,18),
    "peso_kg" DOUBLE PRECISION,
    "lancado_em" DATE,
    "adquirido_em" TIMESTAMPTZ(3),
    "etiquetas" TEXT[] DEFAULT ARRAY[]::TEXT[],
    "atributos" JSONB NOT NULL DEFAULT '{}',
    "descontinuado" BOOLEAN NOT NULL DEFAULT false,

    CONSTRAINT "produtos_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "pedidos" (
    "id" BIGSERIAL NOT NULL,
    "numero" VARCHAR(20) NOT NULL,
    "cliente_id" INTEGER NOT NULL,
    "status" "status_pedido" NOT NULL DEFAULT 'rascunho',
    "realizado_em" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "fuso" VARCHAR(40) NOT NULL DEFAULT 'America/Sao_Paulo',
    "entrega_prevista" DATE,
    "entrega_horario" TIME(0),
    "subtotal" DECIMAL(14,2) NOT NULL DEFAULT 0,
    "frete" DECIMAL(10,2) NOT NULL DEFAULT 0,
    "desconto" DECIMAL(10,2) NOT NULL DEFAULT 0,
    "total" DECIMAL(14,2) GENERATED ALWAYS AS (subtotal + frete - desconto) STORED,
    "cupom" VARCHAR(20),
    "endereco" JSONB,
    "observacao" TEXT,

    CONSTRAINT "pedidos_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "itens" (
    "pedido_id" BIGINT NOT NULL,
    "linha" SMALLINT NOT NULL,
    "produto_id" INTEGER NOT NULL,
    "quantidade" INTEGER NOT NULL,
    "preco_unitario" DECIMAL(12,2) NOT NULL,
    "total" DECIMAL(14,2) GENERATED ALWAYS AS (quantidade * preco_unitario) STORED,
    "presente" BOOLEAN NOT NULL DEFAULT false,

    CONSTRAINT "itens_pkey" PRIMARY KEY ("pedido_id","linha")
);

-- CreateTable
CREATE TABLE "pagamentos" (
    "id" BIGSERIAL NOT NULL,
    "pedido_id" BIGINT NOT NULL,
    "parcela" SMALLINT NOT NULL DEFAULT 1,
    "metodo" VARCHAR(20) NOT NULL,
    "valor" DECIMAL(14,2) NOT NULL,
    "taxa" DECIMAL(9,6) NOT NULL DEFAULT 0,
    "pago_em" TIMESTAMPTZ(3),
    "comprovante" BYTEA,
    "resposta" JSONB,

    CONSTRAINT "pagamentos_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "estoque" (
    "produto_id" INTEGER NOT NULL,
    "deposito" VARCHAR(20) NOT NULL,
    "quantidade" INTEGER NOT NULL DEFAULT 0,
    "reservado" INTEGER NOT NULL DEFAULT 0,
    "disponivel" INTEGER GENERATED ALWAYS AS (quantidade - reservado) STORED,
    "contado_em" TIMESTAMPTZ(3),

    CONSTRAINT "estoque_pkey" PRIMARY KEY ("produto_id","deposito")
);

-- CreateTable
CREATE TABLE "auditoria" (
    "momento" TIMESTAMP(6) NOT NULL,
    "tabela" VARCHAR(63) NOT NULL,
    "operacao" VARCHAR(10) NOT NULL,
    "chave" VARCHAR(60),
    "autor" VARCHAR(120) NOT NULL,
    "antes" JSONB,
    "depois" JSONB
);

-- CreateIndex
CREATE UNIQUE INDEX "clientes_codigo_key" ON "clientes"("codigo");

-- CreateIndex
CREATE UNIQUE INDEX "clientes_email_key" ON "clientes"("email");

-- CreateIndex
CREATE INDEX "clientes_nome_idx" ON "clientes"("nome");

-- CreateIndex
CREATE INDEX "clientes_indicado_por_idx" ON "clientes"("indicado_por");

-- CreateIndex
CREATE UNIQUE INDEX "produtos_sku_key" ON "produtos"("sku");

-- CreateIndex
CREATE UNIQUE INDEX "pedidos_numero_key" ON "pedidos"("numero");

-- CreateIndex
CREATE INDEX "pedidos_cliente_id_idx" ON "pedidos"("cliente_id");

-- CreateIndex
CREATE INDEX "itens_produto_id_idx" ON "itens"("produto_id");

-- CreateIndex
CREATE UNIQUE INDEX "pagamentos_pedido_id_parcela_key" ON "pagamentos"("pedido_id", "parcela");

-- CreateIndex
CREATE INDEX "auditoria_momento_idx" ON "auditoria"("momento");

-- AddForeignKey
ALTER TABLE "clientes" ADD CONSTRAINT "clientes_indicado_por_fkey" FOREIGN KEY ("indicado_por") REFERENCES "clientes"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "pedidos" ADD CONSTRAINT "pedidos_cliente_id_fkey" FOREIGN KEY ("cliente_id") REFERENCES "clientes"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "itens" ADD CONSTRAINT "itens_pedido_id_fkey" FOREIGN KEY ("pedido_id") REFERENCES "pedidos"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "itens" ADD CONSTRAINT "itens_produto_id_fkey" FOREIGN KEY ("produto_id") REFERENCES "produtos"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "pagamentos" ADD CONSTRAINT "pagamentos_pedido_id_fkey" FOREIGN KEY ("pedido_id") REFERENCES "pedidos"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "estoque" ADD CONSTRAINT "estoque_produto_id_fkey" FOREIGN KEY ("produto_id") REFERENCES "produtos"("id") ON DELETE CASCADE ON UPDATE CASCADE;
