using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Meshia.PowerShell.Tests;

/// <summary>What the package says of the libraries in it is what was restored.</summary>
public sealed partial class LicenceTests
{
    private static readonly JsonSerializerOptions _indented = new() { WriteIndented = true, NewLine = "\n", Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private static string Notices { get; } = File.ReadAllText(Path.Combine(Repository.Root, "THIRD-PARTY-NOTICES.txt")).ReplaceLineEndings("\n");

    [Fact]
    public void Every_library_has_its_line_under_its_licence()
    {
        var listed = Line().Matches(Notices[..Notices.IndexOf("\n----", StringComparison.Ordinal)]).Select(match => $"{match.Groups[1].Value} {match.Groups[2].Value}");

        Assert.Equal(ShippedLibrary.All.Select(library => $"{library.Id} {library.Version}"), listed.Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("MIT", "Permission is hereby granted, free of charge")]
    [InlineData("BSD-3-Clause", "Redistribution and use in source and binary forms")]
    [InlineData("Apache-2.0", "Version 2.0, January 2004")]
    public void Every_licence_is_there_in_full(string licence, string text)
    {
        var parts = Notices.Split($"\n{new string('-', 80)}\n");

        Assert.Contains(text, parts[Array.IndexOf(parts, licence) + 1], StringComparison.Ordinal);
    }

    [Fact]
    public void The_bill_of_materials_lists_every_library()
    {
        var made = Path.Combine(AppContext.BaseDirectory, "sbom.cdx.json");
        var expected = BillOfMaterials() + "\n";
        File.WriteAllText(made, expected);

        Assert.True(expected == File.ReadAllText(Path.Combine(Repository.Root, "sbom.cdx.json")).ReplaceLineEndings("\n"), $"sbom.cdx.json is not what is shipped. Replace it by {made} once you have looked at the difference.");
    }

    private static string ModuleVersion { get; } = Regex.Match(File.ReadAllText(Path.Combine(Repository.Root, "Meshia.psd1")), @"ModuleVersion\s+= '(.+)'").Groups[1].Value;

    /// <summary>CycloneDX 1.6, without a time or a serial number: the same libraries give the same file.</summary>
    private static string BillOfMaterials() => JsonSerializer.Serialize(
        new
        {
            bomFormat = "CycloneDX",
            specVersion = "1.6",
            version = 1,
            metadata = new { component = new { type = "library", name = "Meshia", version = ModuleVersion, purl = $"pkg:nuget/Meshia@{ModuleVersion}", licenses = new[] { new { license = new { id = "MIT" } } } } },
            components = ShippedLibrary.All.Select(library => new Dictionary<string, object>
            {
                ["type"] = "library",
                ["bom-ref"] = PackageUrl(library),
                ["name"] = library.Id,
                ["version"] = library.Version,
                ["copyright"] = library.Copyright,
                ["hashes"] = new[] { new { alg = "SHA-512", content = library.Hash } },
                ["licenses"] = new[] { new { license = new { id = LicenceOf(library) } } },
                ["purl"] = PackageUrl(library),
            }),
        },
        _indented);

    private static string PackageUrl(ShippedLibrary library) => $"pkg:nuget/{library.Id}@{library.Version}";

    /// <summary>The heading above its line in the notices.</summary>
    private static string LicenceOf(ShippedLibrary library) =>
        Notices[..Notices.IndexOf($"  {library.Id} {library.Version},", StringComparison.Ordinal)].Split('\n').Last(line => line.Length > 0 && line[0] != ' ');

    [GeneratedRegex(@"^  (\S+) (\S+), Copyright .", RegexOptions.Multiline)]
    private static partial Regex Line();
}
