DROP TABLE price_list_items;
DROP TABLE price_lists;
