-- Loja, parte 1 (MySQL): tabelas com índices e chaves estrangeiras. Depois vêm os dados e, por fim, complemento.sql.
-- Rode dentro do banco já escolhido (USE).

-- O MySQL guarda o sql_mode com cada rotina e gatilho, e o fuso com cada evento: por isso os dois são fixados aqui.
SET sql_mode = 'ONLY_FULL_GROUP_BY,STRICT_TRANS_TABLES,NO_ZERO_IN_DATE,NO_ZERO_DATE,ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION';
SET time_zone = '+00:00';

CREATE TABLE clientes (
    id             INT            NOT NULL AUTO_INCREMENT,
    codigo         CHAR(36)       NOT NULL,
    nome           VARCHAR(120)   NOT NULL,
    apelido        VARCHAR(60),
    email          VARCHAR(254)   NOT NULL,
    nascimento     DATE,
    ativo          TINYINT(1)     NOT NULL DEFAULT 1,
    limite_credito DECIMAL(14, 2) NOT NULL DEFAULT 0,
    indicado_por   INT,
    preferencias   JSON,
    foto           MEDIUMBLOB,
    observacao     TEXT,
    criado_em      TIMESTAMP(3)   NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
    atualizado_em  TIMESTAMP(3)   NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
    PRIMARY KEY (id),
    UNIQUE KEY clientes_codigo_key (codigo),
    UNIQUE KEY clientes_email_key (email),
    KEY clientes_nome_idx (nome),
    KEY clientes_indicado_por_idx (indicado_por),
    CONSTRAINT clientes_indicado_por_fkey FOREIGN KEY (indicado_por) REFERENCES clientes (id)
        ON DELETE SET NULL ON UPDATE CASCADE,
    CONSTRAINT clientes_email_check CHECK (email LIKE '%@%')
) COMMENT = 'Quem compra; "indicado_por" aponta para outro cliente';

CREATE TABLE produtos (
    id             INT            NOT NULL AUTO_INCREMENT,
    sku            VARCHAR(32)    NOT NULL,
    nome           VARCHAR(200)   NOT NULL,
    descricao      TEXT,
    preco          DECIMAL(12, 2) NOT NULL,
    preco_centavos BIGINT         GENERATED ALWAYS AS (CAST(preco * 100 AS SIGNED)) STORED,
    custo          DECIMAL(38, 18) COMMENT 'Custo médio, com 18 casas decimais – não arredondar',
    peso_kg        DOUBLE,
    lancado_em     DATE,
    adquirido_em   DATETIME(3),
    etiquetas      JSON           NOT NULL DEFAULT (JSON_ARRAY()),
    atributos      JSON           NOT NULL DEFAULT (JSON_OBJECT()),
    descontinuado  TINYINT(1)     NOT NULL DEFAULT 0,
    PRIMARY KEY (id),
    UNIQUE KEY produtos_sku_key (sku),
    CONSTRAINT produtos_preco_check CHECK (preco >= 0)
);

CREATE TABLE pedidos (
    id               BIGINT         NOT NULL AUTO_INCREMENT,
    numero           VARCHAR(20)    NOT NULL,
    cliente_id       INT            NOT NULL,
    status           ENUM('rascunho', 'aguardando_pagamento', 'pago', 'enviado', 'entregue', 'cancelado', 'devolvido')
                                    NOT NULL DEFAULT 'rascunho',
    realizado_em     TIMESTAMP(3)   NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
    fuso             VARCHAR(40)    NOT NULL DEFAULT 'America/Sao_Paulo'
                                    COMMENT 'Fuso horário de quem comprou; realizado_em é um instante',
    entrega_prevista DATE,
    entrega_horario  TIME,
    subtotal         DECIMAL(14, 2) NOT NULL DEFAULT 0,
    frete            DECIMAL(10, 2) NOT NULL DEFAULT 0,
    desconto         DECIMAL(10, 2) NOT NULL DEFAULT 0,
    total            DECIMAL(14, 2) GENERATED ALWAYS AS (subtotal + frete - desconto) STORED,
    cupom            VARCHAR(20),
    endereco         JSON,
    observacao       TEXT,
    PRIMARY KEY (id),
    UNIQUE KEY pedidos_numero_key (numero),
    KEY pedidos_cliente_id_idx (cliente_id),
    KEY pedidos_status_realizado_em_idx (status, realizado_em),
    CONSTRAINT pedidos_cliente_id_fkey FOREIGN KEY (cliente_id) REFERENCES clientes (id)
        ON DELETE RESTRICT ON UPDATE CASCADE
);

CREATE TABLE itens (
    pedido_id      BIGINT         NOT NULL,
    linha          SMALLINT       NOT NULL,
    produto_id     INT            NOT NULL,
    quantidade     INT            NOT NULL,
    preco_unitario DECIMAL(12, 2) NOT NULL,
    total          DECIMAL(14, 2) GENERATED ALWAYS AS (quantidade * preco_unitario) STORED,
    presente       TINYINT(1)     NOT NULL DEFAULT 0,
    PRIMARY KEY (pedido_id, linha),
    KEY itens_produto_id_idx (produto_id),
    CONSTRAINT itens_pedido_id_fkey FOREIGN KEY (pedido_id) REFERENCES pedidos (id)
        ON DELETE CASCADE ON UPDATE CASCADE,
    CONSTRAINT itens_produto_id_fkey FOREIGN KEY (produto_id) REFERENCES produtos (id)
        ON DELETE RESTRICT ON UPDATE CASCADE,
    CONSTRAINT itens_quantidade_check CHECK (quantidade > 0)
);

CREATE TABLE pagamentos (
    id          BIGINT         NOT NULL AUTO_INCREMENT,
    pedido_id   BIGINT         NOT NULL,
    parcela     SMALLINT       NOT NULL DEFAULT 1,
    metodo      VARCHAR(20)    NOT NULL,
    valor       DECIMAL(14, 2) NOT NULL,
    taxa        DECIMAL(9, 6)  NOT NULL DEFAULT 0,
    pago_em     TIMESTAMP(3)   NULL,
    comprovante VARBINARY(512),
    resposta    JSON,
    PRIMARY KEY (id),
    UNIQUE KEY pagamentos_pedido_id_parcela_key (pedido_id, parcela),
    CONSTRAINT pagamentos_pedido_id_fkey FOREIGN KEY (pedido_id) REFERENCES pedidos (id)
        ON DELETE RESTRICT ON UPDATE CASCADE,
    CONSTRAINT pagamentos_metodo_check CHECK (metodo IN ('pix', 'cartao', 'boleto', 'dinheiro'))
);

CREATE TABLE estoque (
    produto_id INT          NOT NULL,
    deposito   VARCHAR(20)  NOT NULL,
    quantidade INT          NOT NULL DEFAULT 0,
    reservado  INT          NOT NULL DEFAULT 0,
    disponivel INT          GENERATED ALWAYS AS (quantidade - reservado) STORED,
    contado_em TIMESTAMP(3) NULL,
    PRIMARY KEY (produto_id, deposito),
    CONSTRAINT estoque_produto_id_fkey FOREIGN KEY (produto_id) REFERENCES produtos (id)
        ON DELETE CASCADE ON UPDATE CASCADE,
    CONSTRAINT estoque_reservado_check CHECK (reservado >= 0)
);

-- De propósito sem chave primária, e com linhas repetidas: restaurar duas vezes duplica tudo, sem nenhum erro.
CREATE TABLE auditoria (
    momento  DATETIME(6)  NOT NULL,
    tabela   VARCHAR(63)  NOT NULL,
    operacao VARCHAR(10)  NOT NULL,
    chave    VARCHAR(60),
    autor    VARCHAR(120) NOT NULL,
    antes    JSON,
    depois   JSON,
    KEY auditoria_momento_idx (momento)
) COMMENT = 'Sem chave primária, de propósito';
