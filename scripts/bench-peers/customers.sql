select id, customer_code, company_name, email, translate(phone, ' -./()', '') as phone,
  jsonb_build_object('line1', address_line_1, 'line2', address_line_2, 'city', city, 'state', state,
    'country', country, 'postalCode', postal_code) as address,
  jsonb_build_object('contactPerson', contact_person, 'legacy', jsonb_build_object('customerType', customer_type,
    'creditLimit', credit_limit, 'paymentTerms', payment_terms, 'taxId', tax_id, 'industry', industry,
    'status', customer_status), 'migrationDate', '2026-01-01T00:00:00Z') as metadata,
  '[]'::jsonb as purchase_history, coalesce(created_at, timestamp '2026-01-01') as created_at,
  coalesce(updated_at, timestamp '2026-01-01') as updated_at
from legacy_customers
