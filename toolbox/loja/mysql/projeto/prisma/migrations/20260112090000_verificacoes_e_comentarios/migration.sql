-- Escrita à mão: o Prisma não descreve verificações nem comentários. No MySQL o comentário de uma coluna só muda com a
-- definição inteira dela.

ALTER TABLE `clientes` ADD CONSTRAINT `clientes_email_check` CHECK (`email` LIKE '%@%'),
    COMMENT = 'Quem compra; "indicado_por" aponta para outro cliente';
ALTER TABLE `produtos` ADD CONSTRAINT `produtos_preco_check` CHECK (`preco` >= 0),
    MODIFY COLUMN `custo` DECIMAL(38, 18) NULL COMMENT 'Custo médio, com 18 casas decimais – não arredondar';
ALTER TABLE `pedidos` MODIFY COLUMN `fuso` VARCHAR(40) NOT NULL DEFAULT 'America/Sao_Paulo'
    COMMENT 'Fuso horário de quem comprou; realizado_em é um instante';
ALTER TABLE `itens` ADD CONSTRAINT `itens_quantidade_check` CHECK (`quantidade` > 0);
ALTER TABLE `pagamentos` ADD CONSTRAINT `pagamentos_metodo_check`
    CHECK (`metodo` IN ('pix', 'cartao', 'boleto', 'dinheiro'));
ALTER TABLE `estoque` ADD CONSTRAINT `estoque_reservado_check` CHECK (`reservado` >= 0);
ALTER TABLE `auditoria` COMMENT = 'Sem chave primária, de propósito';
