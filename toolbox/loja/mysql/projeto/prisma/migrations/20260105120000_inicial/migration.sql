-- Gerada com `prisma migrate dev --create-only` e revista à mão: são nossas as expressões das quatro colunas GENERATED e os
-- DEFAULT das duas colunas JSON, que o Prisma não sabe escrever. Tirado: o COLLATE utf8mb4_unicode_ci que ele põe em cada
-- tabela; vale a ordenação do banco de dados.

-- CreateTable
CREATE TABLE `clientes` (
    `id` INTEGER NOT NULL AUTO_INCREMENT,
    `codigo` CHAR(36) NOT NULL,
    `nome` VARCHAR(120) NOT NULL,
    `apelido` VARCHAR(60) NULL,
    `email` VARCHAR(254) NOT NULL,
    `nascimento` DATE NULL,
    `ativo` BOOLEAN NOT NULL DEFAULT true,
    `limite_credito` DECIMAL(14, 2) NOT NULL DEFAULT 0,
    `indicado_por` INTEGER NULL,
    `preferencias` JSON NULL,
    `foto` MEDIUMBLOB NULL,
    `observacao` TEXT NULL,
    `criado_em` TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
    `atualizado_em` TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),

    UNIQUE INDEX `clientes_codigo_key`(`codigo`),
    UNIQUE INDEX `clientes_email_key`(`email`),
    INDEX `clientes_nome_idx`(`nome`),
    INDEX `clientes_indicado_por_idx`(`indicado_por`),
    PRIMARY KEY (`id`)
);

-- CreateTable
CREATE TABLE `produtos` (
    `id` INTEGER NOT NULL AUTO_INCREMENT,
    `sku` VARCHAR(32) NOT NULL,
    `nome` VARCHAR(200) NOT NULL,
    `descricao` TEXT NULL,
    `preco` DECIMAL(12, 2) NOT NULL,
    `preco_centavos` BIGINT GENERATED ALWAYS AS (CAST(`preco` * 100 AS SIGNED)) STORED NULL,
    `custo` DECIMAL(38, 18) NULL,
    `peso_kg` DOUBLE NULL,
    `lancado_em` DATE NULL,
    `adquirido_em` DATETIME(3) NULL,
    `etiquetas` JSON NOT NULL DEFAULT (JSON_ARRAY()),
    `atributos` JSON NOT NULL DEFAULT (JSON_OBJECT()),
    `descontinuado` BOOLEAN NOT NULL DEFAULT false,

    UNIQUE INDEX `produtos_sku_key`(`sku`),
    PRIMARY KEY (`id`)
);

-- CreateTable
CREATE TABLE `pedidos` (
    `id` BIGINT NOT NULL AUTO_INCREMENT,
    `numero` VARCHAR(20) NOT NULL,
    `cliente_id` INTEGER NOT NULL,
    `status` ENUM('rascunho', 'aguardando_pagamento', 'pago', 'enviado', 'entregue', 'cancelado', 'devolvido') NOT NULL DEFAULT 'rascunho',
    `realizado_em` TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
    `fuso` VARCHAR(40) NOT NULL DEFAULT 'America/Sao_Paulo',
    `entrega_prevista` DATE NULL,
    `entrega_horario` TIME(0) NULL,
    `subtotal` DECIMAL(14, 2) NOT NULL DEFAULT 0,
    `frete` DECIMAL(10, 2) NOT NULL DEFAULT 0,
    `desconto` DECIMAL(10, 2) NOT NULL DEFAULT 0,
    `total` DECIMAL(14, 2) GENERATED ALWAYS AS (`subtotal` + `frete` - `desconto`) STORED NULL,
    `cupom` VARCHAR(20) NULL,
    `endereco` JSON NULL,
    `observacao` TEXT NULL,

    UNIQUE INDEX `pedidos_numero_key`(`numero`),
    INDEX `pedidos_cliente_id_idx`(`cliente_id`),
    PRIMARY KEY (`id`)
);

-- CreateTable
CREATE TABLE `itens` (
    `pedido_id` BIGINT NOT NULL,
    `linha` SMALLINT NOT NULL,
    `produto_id` INTEGER NOT NULL,
    `quantidade` INTEGER NOT NULL,
    `preco_unitario` DECIMAL(12, 2) NOT NULL,
    `total` DECIMAL(14, 2) GENERATED ALWAYS AS (`quantidade` * `preco_unitario`) STORED NULL,
    `presente` BOOLEAN NOT NULL DEFAULT false,

    INDEX `itens_produto_id_idx`(`produto_id`),
    PRIMARY KEY (`pedido_id`, `linha`)
);

-- CreateTable
CREATE TABLE `pagamentos` (
    `id` BIGINT NOT NULL AUTO_INCREMENT,
    `pedido_id` BIGINT NOT NULL,
    `parcela` SMALLINT NOT NULL DEFAULT 1,
    `metodo` VARCHAR(20) NOT NULL,
    `valor` DECIMAL(14, 2) NOT NULL,
    `taxa` DECIMAL(9, 6) NOT NULL DEFAULT 0,
    `pago_em` TIMESTAMP(3) NULL,
    `comprovante` VARBINARY(512) NULL,
    `resposta` JSON NULL,

    UNIQUE INDEX `pagamentos_pedido_id_parcela_key`(`pedido_id`, `parcela`),
    PRIMARY KEY (`id`)
);

-- CreateTable
CREATE TABLE `estoque` (
    `produto_id` INTEGER NOT NULL,
    `deposito` VARCHAR(20) NOT NULL,
    `quantidade` INTEGER NOT NULL DEFAULT 0,
    `reservado` INTEGER NOT NULL DEFAULT 0,
    `disponivel` INTEGER GENERATED ALWAYS AS (`quantidade` - `reservado`) STORED NULL,
    `contado_em` TIMESTAMP(3) NULL,

    PRIMARY KEY (`produto_id`, `deposito`)
);

-- CreateTable
CREATE TABLE `auditoria` (
    `momento` DATETIME(6) NOT NULL,
    `tabela` VARCHAR(63) NOT NULL,
    `operacao` VARCHAR(10) NOT NULL,
    `chave` VARCHAR(60) NULL,
    `autor` VARCHAR(120) NOT NULL,
    `antes` JSON NULL,
    `depois` JSON NULL,

    INDEX `auditoria_momento_idx`(`momento`)
);

-- AddForeignKey
ALTER TABLE `clientes` ADD CONSTRAINT `clientes_indicado_por_fkey` FOREIGN KEY (`indicado_por`) REFERENCES `clientes`(`id`) ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE `pedidos` ADD CONSTRAINT `pedidos_cliente_id_fkey` FOREIGN KEY (`cliente_id`) REFERENCES `clientes`(`id`) ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE `itens` ADD CONSTRAINT `itens_pedido_id_fkey` FOREIGN KEY (`pedido_id`) REFERENCES `pedidos`(`id`) ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE `itens` ADD CONSTRAINT `itens_produto_id_fkey` FOREIGN KEY (`produto_id`) REFERENCES `produtos`(`id`) ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE `pagamentos` ADD CONSTRAINT `pagamentos_pedido_id_fkey` FOREIGN KEY (`pedido_id`) REFERENCES `pedidos`(`id`) ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE `estoque` ADD CONSTRAINT `estoque_produto_id_fkey` FOREIGN KEY (`produto_id`) REFERENCES `produtos`(`id`) ON DELETE CASCADE ON UPDATE CASCADE;
