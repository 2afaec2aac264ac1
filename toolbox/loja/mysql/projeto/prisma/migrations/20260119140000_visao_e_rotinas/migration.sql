-- Escrita à mão: a visão e as rotinas. O definidor (DEFINER) é a conta que aplica as migrations.
-- DELIMITER é um comando do cliente mysql, não do servidor: numa migration não existe, e um corpo BEGIN ... END vai inteiro.
-- Todo corpo é um BEGIN ... END: quando o arquivo vai ao servidor de uma vez, um corpo de um só comando guarda também o ponto e
-- vírgula do fim, e o dump de um gatilho assim não se restaura (erro 1064).

-- O MySQL guarda a ordenação e o sql_mode da sessão com cada visão e rotina; por isso os dois são fixados aqui.
SET NAMES utf8mb4 COLLATE utf8mb4_0900_ai_ci;
SET sql_mode = 'ONLY_FULL_GROUP_BY,STRICT_TRANS_TABLES,NO_ZERO_IN_DATE,NO_ZERO_DATE,ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION';

CREATE VIEW vendas_por_cliente AS
SELECT c.id AS cliente_id, c.nome, COUNT(p.id) AS pedidos, COALESCE(SUM(p.total), 0) AS total
  FROM clientes c
  LEFT JOIN pedidos p ON p.cliente_id = c.id AND p.status IN ('pago', 'enviado', 'entregue')
 GROUP BY c.id, c.nome;

CREATE FUNCTION total_pedido(p_pedido_id BIGINT) RETURNS DECIMAL(14, 2)
READS SQL DATA
BEGIN
    RETURN (SELECT COALESCE(SUM(total), 0) FROM itens WHERE pedido_id = p_pedido_id);
END;

CREATE PROCEDURE cancelar_pedido(IN p_pedido_id BIGINT)
MODIFIES SQL DATA
BEGIN
    UPDATE pedidos SET status = 'cancelado'
     WHERE id = p_pedido_id AND status IN ('rascunho', 'aguardando_pagamento');
    IF ROW_COUNT() = 0 THEN
        SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'o pedido não existe ou não pode mais ser cancelado';
    END IF;
END;
