-- Escrita à mão: a visão e as rotinas. Ninguém além do dono executa uma rotina sem uma concessão.

CREATE VIEW vendas_por_cliente AS
SELECT c.id AS cliente_id, c.nome, count(p.id) AS pedidos, coalesce(sum(p.total), 0) AS total
  FROM clientes c
  LEFT JOIN pedidos p ON p.cliente_id = c.id AND p.status IN ('pago', 'enviado', 'entregue')
 GROUP BY c.id, c.nome;

CREATE FUNCTION total_pedido(p_pedido_id bigint) RETURNS numeric
LANGUAGE sql STABLE
AS $$ SELECT coalesce(sum(total), 0) FROM itens WHERE pedido_id = p_pedido_id $$;

CREATE PROCEDURE cancelar_pedido(p_pedido_id bigint)
LANGUAGE plpgsql
AS $$
BEGIN
    UPDATE pedidos SET status = 'cancelado' WHERE id = p_pedido_id AND status IN ('rascunho', 'aguardando_pagamento');
    IF NOT FOUND THEN
        RAISE EXCEPTION 'o pedido % não existe ou não pode mais ser cancelado', p_pedido_id;
    END IF;
END
$$;

REVOKE ALL ON FUNCTION total_pedido(bigint) FROM PUBLIC;
REVOKE ALL ON PROCEDURE cancelar_pedido(bigint) FROM PUBLIC;
