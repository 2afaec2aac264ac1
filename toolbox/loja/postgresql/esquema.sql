-- Loja, parte 1 (PostgreSQL): tipos e tabelas. Depois vêm os dados e, por fim, complemento.sql.
-- Rode com psql, com as variáveis `dono` e `app` (os dois papéis) definidas; criar.sh mostra como.

CREATE EXTENSION citext WITH SCHEMA public;

SET ROLE :"dono";

CREATE TYPE status_pedido AS ENUM
    ('rascunho', 'aguardando_pagamento', 'pago', 'enviado', 'entregue', 'cancelado', 'devolvido');

CREATE TABLE clientes (
    id             serial         PRIMARY KEY,
    codigo         uuid           NOT NULL CONSTRAINT clientes_codigo_key UNIQUE,
    nome           varchar(120)   NOT NULL,
    apelido        varchar(60),
    email          citext         NOT NULL CONSTRAINT clientes_email_key UNIQUE,
    nascimento     date,
    ativo          boolean        NOT NULL DEFAULT true,
    limite_credito numeric(14, 2) NOT NULL DEFAULT 0,
    indicado_por   integer,
    preferencias   jsonb,
    foto           bytea,
    observacao     text,
    criado_em      timestamptz(3) NOT NULL DEFAULT now(),
    atualizado_em  timestamptz(3) NOT NULL DEFAULT now(),
    CONSTRAINT clientes_email_check CHECK (email LIKE '%@%')
);

CREATE TABLE produtos (
    id             serial         PRIMARY KEY,
    sku            varchar(32)    NOT NULL CONSTRAINT produtos_sku_key UNIQUE,
    nome           varchar(200)   NOT NULL,
    descricao      text,
    preco          numeric(12, 2) NOT NULL,
    preco_centavos bigint         GENERATED ALWAYS AS ((preco * 100)::bigint) STORED,
    custo          numeric(38, 18),
    peso_kg        double precision,
    lancado_em     date,
    adquirido_em   timestamptz(3),
    etiquetas      text[]         NOT NULL DEFAULT '{}',
    atributos      jsonb          NOT NULL DEFAULT '{}',
    descontinuado  boolean        NOT NULL DEFAULT false,
    CONSTRAINT produtos_preco_check CHECK (preco >= 0)
);

CREATE TABLE pedidos (
    id               bigserial      PRIMARY KEY,
    numero           varchar(20)    NOT NULL CONSTRAINT pedidos_numero_key UNIQUE,
    cliente_id       integer        NOT NULL,
    status           status_pedido  NOT NULL DEFAULT 'rascunho',
    realizado_em     timestamptz(3) NOT NULL DEFAULT now(),
    fuso             varchar(40)    NOT NULL DEFAULT 'America/Sao_Paulo',
    entrega_prevista date,
    entrega_horario  time(0),
    subtotal         numeric(14, 2) NOT NULL DEFAULT 0,
    frete            numeric(10, 2) NOT NULL DEFAULT 0,
    desconto         numeric(10, 2) NOT NULL DEFAULT 0,
    total            numeric(14, 2) GENERATED ALWAYS AS (subtotal + frete - desconto) STORED,
    cupom            varchar(20),
    endereco         jsonb,
    observacao       text
);

CREATE TABLE itens (
    pedido_id      bigint         NOT NULL,
    linha          smallint       NOT NULL,
    produto_id     integer        NOT NULL,
    quantidade     integer        NOT NULL,
    preco_unitario numeric(12, 2) NOT NULL,
    total          numeric(14, 2) GENERATED ALWAYS AS (quantidade * preco_unitario) STORED,
    presente       boolean        NOT NULL DEFAULT false,
    PRIMARY KEY (pedido_id, linha),
    CONSTRAINT itens_quantidade_check CHECK (quantidade > 0)
);

CREATE TABLE pagamentos (
    id          bigserial      PRIMARY KEY,
    pedido_id   bigint         NOT NULL,
    parcela     smallint       NOT NULL DEFAULT 1,
    metodo      varchar(20)    NOT NULL,
    valor       numeric(14, 2) NOT NULL,
    taxa        numeric(9, 6)  NOT NULL DEFAULT 0,
    pago_em     timestamptz(3),
    comprovante bytea,
    resposta    jsonb,
    CONSTRAINT pagamentos_pedido_id_parcela_key UNIQUE (pedido_id, parcela),
    CONSTRAINT pagamentos_metodo_check CHECK (metodo IN ('pix', 'cartao', 'boleto', 'dinheiro'))
);

CREATE TABLE estoque (
    produto_id integer     NOT NULL,
    deposito   varchar(20) NOT NULL,
    quantidade integer     NOT NULL DEFAULT 0,
    reservado  integer     NOT NULL DEFAULT 0,
    disponivel integer     GENERATED ALWAYS AS (quantidade - reservado) STORED,
    contado_em timestamptz(3),
    PRIMARY KEY (produto_id, deposito),
    CONSTRAINT estoque_reservado_check CHECK (reservado >= 0)
);

-- De propósito sem chave primária, e com linhas repetidas: restaurar duas vezes duplica tudo, sem nenhum erro.
CREATE TABLE auditoria (
    momento  timestamp(6) NOT NULL,
    tabela   varchar(63)  NOT NULL,
    operacao varchar(10)  NOT NULL,
    chave    varchar(60),
    autor    varchar(120) NOT NULL,
    antes    jsonb,
    depois   jsonb
);
