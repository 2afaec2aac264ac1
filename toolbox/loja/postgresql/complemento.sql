-- Loja, parte 3 (PostgreSQL): o que se cria depois dos dados, porque assim a carga é mais rápida e nenhum
-- gatilho dispara: índices, chaves estrangeiras, sequências, visão, rotinas, gatilhos, comentários, concessões.

CREATE INDEX clientes_nome_idx ON clientes (nome);
CREATE INDEX clientes_indicado_por_idx ON clientes (indicado_por);
CREATE INDEX pedidos_cliente_id_idx ON pedidos (cliente_id);
CREATE INDEX itens_produto_id_idx ON itens (produto_id);
CREATE INDEX auditoria_momento_idx ON auditoria (momento);
CREATE INDEX pedidos_abertos_idx ON pedidos (realizado_em) WHERE status IN ('rascunho', 'aguardando_pagamento');

ALTER TABLE clientes ADD CONSTRAINT clientes_indicado_por_fkey
    FOREIGN KEY (indicado_por) REFERENCES clientes (id) ON DELETE SET NULL ON UPDATE CASCADE;
ALTER TABLE pedidos ADD CONSTRAINT pedidos_cliente_id_fkey
    FOREIGN KEY (cliente_id) REFERENCES clientes (id) ON DELETE RESTRICT ON UPDATE CASCADE;
ALTER TABLE itens ADD CONSTRAINT itens_pedido_id_fkey
    FOREIGN KEY (pedido_id) REFERENCES pedidos (id) ON DELETE CASCADE ON UPDATE CASCADE;
ALTER TABLE itens ADD CONSTRAINT itens_produto_id_fkey
    FOREIGN KEY (produto_id) REFERENCES produtos (id) ON DELETE RESTRICT ON UPDATE CASCADE;
ALTER TABLE pagamentos ADD CONSTRAINT pagamentos_pedido_id_fkey
    FOREIGN KEY (pedido_id) REFERENCES pedidos (id) ON DELETE RESTRICT ON UPDATE CASCADE;
ALTER TABLE estoque ADD CONSTRAINT estoque_produto_id_fkey
    FOREIGN KEY (produto_id) REFERENCES produtos (id) ON DELETE CASCADE ON UPDATE CASCADE;

-- As sequências ficam 500 números à frente dos dados, como depois de inserções desfeitas: um dump que as
-- devolve a max(id) não é igual ao original.
SELECT setval('clientes_id_seq', max(id) + 500) FROM clientes;
SELECT setval('produtos_id_seq', max(id) + 500) FROM produtos;
SELECT setval('pedidos_id_seq', max(id) + 500) FROM pedidos;
SELECT setval('pagamentos_id_seq', max(id) + 500) FROM pagamentos;

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

CREATE FUNCTION marcar_atualizacao() RETURNS trigger
LANGUAGE plpgsql
AS $$
BEGIN
    NEW.atualizado_em := now();
    RETURN NEW;
END
$$;

CREATE FUNCTION auditar_pedido() RETURNS trigger
LANGUAGE plpgsql
AS $$
BEGIN
    INSERT INTO auditoria (momento, tabela, operacao, chave, autor, antes, depois)
    VALUES (now() AT TIME ZONE 'UTC', 'pedidos', 'UPDATE', OLD.id::text, current_user,
            jsonb_build_object('status', OLD.status), jsonb_build_object('status', NEW.status));
    RETURN NULL;
END
$$;

CREATE TRIGGER clientes_atualizado_em BEFORE UPDATE ON clientes
    FOR EACH ROW EXECUTE FUNCTION marcar_atualizacao();
CREATE TRIGGER pedidos_auditoria AFTER UPDATE ON pedidos
    FOR EACH ROW EXECUTE FUNCTION auditar_pedido();

COMMENT ON TABLE clientes IS 'Quem compra; "indicado_por" aponta para outro cliente';
COMMENT ON TABLE auditoria IS 'Sem chave primária, de propósito';
COMMENT ON COLUMN produtos.custo IS 'Custo médio, com 18 casas decimais – não arredondar';
COMMENT ON COLUMN pedidos.fuso IS 'Fuso horário de quem comprou; realizado_em é um instante';

-- Privilégio mínimo: a aplicação lê e escreve o que precisa, não apaga a auditoria e não altera a estrutura.
REVOKE ALL ON FUNCTION total_pedido(bigint), marcar_atualizacao(), auditar_pedido() FROM PUBLIC;
REVOKE ALL ON PROCEDURE cancelar_pedido(bigint) FROM PUBLIC;
GRANT USAGE ON SCHEMA public TO :"app";
GRANT SELECT, INSERT, UPDATE, DELETE ON clientes, produtos, pedidos, itens TO :"app";
GRANT SELECT, INSERT ON pagamentos, auditoria TO :"app";
GRANT SELECT, UPDATE (quantidade, reservado, contado_em) ON estoque TO :"app";
GRANT SELECT ON vendas_por_cliente TO :"app";
GRANT USAGE ON SEQUENCE clientes_id_seq, produtos_id_seq, pedidos_id_seq, pagamentos_id_seq TO :"app";
GRANT EXECUTE ON FUNCTION total_pedido(bigint) TO :"app";
GRANT EXECUTE ON PROCEDURE cancelar_pedido(bigint) TO :"app";

RESET ROLE;
