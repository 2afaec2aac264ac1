-- Loja, parte 3 (MySQL): o que se cria depois dos dados, para que nenhum gatilho dispare durante a carga.
-- As contas aqui são `loja_dono` e `loja_app`; criar.sh troca `loja` pelo nome do banco.

-- Os contadores ficam 500 números à frente dos dados, como depois de inserções desfeitas: um dump que os devolve
-- a max(id) não é igual ao original.
ALTER TABLE clientes AUTO_INCREMENT = 8501;
ALTER TABLE produtos AUTO_INCREMENT = 2501;
ALTER TABLE pedidos AUTO_INCREMENT = 20501;
ALTER TABLE pagamentos AUTO_INCREMENT = 17501;

CREATE DEFINER = `loja_dono`@`%` SQL SECURITY DEFINER VIEW vendas_por_cliente AS
SELECT c.id AS cliente_id, c.nome, COUNT(p.id) AS pedidos, COALESCE(SUM(p.total), 0) AS total
  FROM clientes c
  LEFT JOIN pedidos p ON p.cliente_id = c.id AND p.status IN ('pago', 'enviado', 'entregue')
 GROUP BY c.id, c.nome;

CREATE DEFINER = `loja_dono`@`%` FUNCTION total_pedido(p_pedido_id BIGINT) RETURNS DECIMAL(14, 2)
READS SQL DATA
RETURN (SELECT COALESCE(SUM(total), 0) FROM itens WHERE pedido_id = p_pedido_id);

DELIMITER //

CREATE DEFINER = `loja_dono`@`%` PROCEDURE cancelar_pedido(IN p_pedido_id BIGINT)
MODIFIES SQL DATA
BEGIN
    UPDATE pedidos SET status = 'cancelado'
     WHERE id = p_pedido_id AND status IN ('rascunho', 'aguardando_pagamento');
    IF ROW_COUNT() = 0 THEN
        SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'o pedido não existe ou não pode mais ser cancelado';
    END IF;
END//

CREATE DEFINER = `loja_dono`@`%` TRIGGER clientes_atualizado_em BEFORE UPDATE ON clientes
FOR EACH ROW
    SET NEW.atualizado_em = CURRENT_TIMESTAMP(3)//

CREATE DEFINER = `loja_dono`@`%` TRIGGER pedidos_auditoria AFTER UPDATE ON pedidos
FOR EACH ROW
    INSERT INTO auditoria (momento, tabela, operacao, chave, autor, antes, depois)
    VALUES (UTC_TIMESTAMP(6), 'pedidos', 'UPDATE', OLD.id, USER(),
            JSON_OBJECT('status', OLD.status), JSON_OBJECT('status', NEW.status))//

-- Ativo, mas só começa em 2037: existe para que um backup sem eventos seja notado, e não muda nenhum dado antes disso.
CREATE DEFINER = `loja_dono`@`%` EVENT limpar_auditoria
ON SCHEDULE EVERY 1 MONTH STARTS '2037-01-01 03:00:00'
ON COMPLETION PRESERVE ENABLE
COMMENT 'Apaga a auditoria com mais de cinco anos'
DO DELETE FROM auditoria WHERE momento < UTC_TIMESTAMP() - INTERVAL 5 YEAR//

DELIMITER ;

-- Privilégio mínimo: a aplicação lê e escreve o que precisa, não apaga a auditoria e não altera a estrutura.
GRANT SELECT, INSERT, UPDATE, DELETE ON clientes TO `loja_app`@`%`;
GRANT SELECT, INSERT, UPDATE, DELETE ON produtos TO `loja_app`@`%`;
GRANT SELECT, INSERT, UPDATE, DELETE ON pedidos TO `loja_app`@`%`;
GRANT SELECT, INSERT, UPDATE, DELETE ON itens TO `loja_app`@`%`;
GRANT SELECT, INSERT ON pagamentos TO `loja_app`@`%`;
GRANT SELECT, INSERT ON auditoria TO `loja_app`@`%`;
GRANT SELECT, UPDATE (quantidade, reservado, contado_em) ON estoque TO `loja_app`@`%`;
GRANT SELECT ON vendas_por_cliente TO `loja_app`@`%`;
GRANT EXECUTE ON FUNCTION total_pedido TO `loja_app`@`%`;
GRANT EXECUTE ON PROCEDURE cancelar_pedido TO `loja_app`@`%`;
