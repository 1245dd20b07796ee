import { Search } from "lucide-react";
import { Input } from "@/components/ui/fields/input";
import { isSearched, longestSearch } from "@/components/ui/list/search";

export type SearchFieldProps = {
  label: string;
  placeholder: string;
  value: string;
  onChange: (value: string) => void;
  /** How many of how many are found; shown during a search. */
  found?: { count: number; of: number } | undefined;
};

/** The search field of a list, once the list is long. */
export function SearchWhenLong(
  props: SearchFieldProps & Required<Pick<SearchFieldProps, "found">>,
) {
  const { found, value } = props;
  return found && isSearched(found.of, value) ? <SearchField {...props} /> : null;
}

/** As wide as the list on a phone. */
export function SearchField({ label, placeholder, value, onChange, found }: SearchFieldProps) {
  return (
    <div className="relative flex min-w-0 items-center gap-3 max-sm:w-full sm:flex-1">
      <div className="min-w-0 flex-1 sm:max-w-72">
        <Input
          type="search"
          aria-label={label}
          placeholder={placeholder}
          maxLength={longestSearch}
          leading={<Search aria-hidden="true" />}
          value={value}
          onChange={({ target }) => onChange(target.value)}
        />
      </div>
      {found ? (
        <p role="status" className="shrink-0 text-muted text-xs max-sm:sr-only">
          {value.trim() ? `${found.count} of ${found.of}` : null}
        </p>
      ) : null}
    </div>
  );
}
