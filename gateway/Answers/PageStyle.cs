namespace OrgGateway.Answers;

/// <summary>The style sheet of the gateway's own pages, in the colours of the configuration.</summary>
internal static class PageStyle
{
    public static string Of(BrandingColors colors) => $$$"""
        :root{color-scheme:light dark;--back:{{{colors.Background}}};--card:#ffffff;--text:#15171c;--soft:#545b68;--line:#8a92a0;--accent:{{{colors.Accent}}};--on-accent:{{{BrandingColors.On(colors.Accent)}}};--bad:#b3261e}
        @media(prefers-color-scheme:dark){:root{--back:{{{colors.BackgroundDark}}};--card:#1a1d23;--text:#eceef2;--soft:#abb2bf;--line:#6d7583;--accent:{{{colors.AccentDark}}};--on-accent:{{{BrandingColors.On(colors.AccentDark)}}};--bad:#ffb4ab}}
        *{box-sizing:border-box}
        body{margin:0;min-height:100vh;display:grid;place-items:center;padding:1rem;background:var(--back);color:var(--text);font:1rem/1.55 system-ui,sans-serif}
        .page{width:min(28rem,100%)}
        .brand{display:flex;align-items:center;gap:.6rem;margin:0 0 1rem;font-weight:600}
        .brand img{height:2rem;max-width:12rem}
        main{padding:2rem;background:var(--card);border-radius:.75rem;box-shadow:0 1px 3px rgb(0 0 0/.15)}
        h1{margin:0 0 .75rem;font-size:1.5rem;line-height:1.25;overflow-wrap:anywhere}
        p{margin:.75rem 0;overflow-wrap:anywhere}
        ul{list-style:none;margin:1.25rem 0 0;padding:0;display:grid;gap:.5rem}
        li a{display:block;padding:.7rem 1rem;border:1px solid var(--line);border-radius:.5rem;text-decoration:none;overflow-wrap:anywhere}
        li.main a{background:var(--accent);color:var(--on-accent);border-color:var(--accent);font-weight:600}
        a{color:var(--accent)}
        a:hover{text-decoration:underline}
        small{color:var(--soft);font-size:.875rem;font-weight:400}
        li small{display:block}
        label{display:block;margin:1rem 0 .35rem;font-weight:600}
        input{width:100%;padding:.65rem .75rem;border:1px solid var(--line);border-radius:.5rem;background:var(--card);color:var(--text);font:inherit}
        input[aria-invalid]{border-color:var(--bad)}
        button{width:100%;margin-top:1rem;padding:.7rem 1rem;border:1px solid var(--accent);border-radius:.5rem;background:var(--accent);color:var(--on-accent);font:inherit;font-weight:600;cursor:pointer}
        .error{color:var(--bad);font-weight:600}
        .reference{margin:1.25rem 0 0}
        :focus-visible{outline:3px solid var(--accent);outline-offset:2px}
        @media(forced-colors:active){main{border:1px solid}}
        """;
}
