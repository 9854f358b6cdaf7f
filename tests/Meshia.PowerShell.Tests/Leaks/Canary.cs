using System.Collections;
using System.Management.Automation;
using System.Runtime.CompilerServices;
using System.Text;

namespace Meshia.PowerShell.Tests;

/// <summary>A secret that must never be seen again, and every form in which it could be.</summary>
internal sealed class Canary
{
    private const int DeepestLevel = 5;

    private readonly List<string> _forms;

    public Canary(string value)
    {
        var bytes = Encoding.UTF8.GetBytes(value);
        Value = value;
        _forms =
        [
            value,
            Uri.EscapeDataString(value),
            System.Text.Json.JsonSerializer.Serialize(value).Trim('"'),
            System.Security.SecurityElement.Escape(value),
            Convert.ToHexString(bytes),
            Convert.ToHexStringLower(bytes),
            // Wherever in a longer text it stands, one of the three is in its base64: only the ends depend on the neighbours.
            .. Enumerable.Range(0, 3).Select(offset => Convert.ToBase64String([.. new byte[offset], .. bytes])[(offset == 0 ? 0 : 4)..].TrimEnd('=')[..^2]),
            Convert.ToBase64String(Encoding.Unicode.GetBytes(value)).TrimEnd('=')[..^2],
        ];
    }

    public string Value { get; }

    /// <summary>The first place where it is seen, or null.</summary>
    public string? FindIn(string text) => _forms.FirstOrDefault(form => text.Contains(form, StringComparison.OrdinalIgnoreCase)) is { } form
        ? $"…{text[Math.Max(0, text.IndexOf(form, StringComparison.OrdinalIgnoreCase) - 80)..][..Math.Min(80, text.IndexOf(form, StringComparison.OrdinalIgnoreCase))]}[{form}]"
        : null;

    /// <summary>The same for bytes, in which text may be UTF-8 or UTF-16.</summary>
    public string? FindIn(byte[] bytes) => FindIn(Encoding.Latin1.GetString(bytes)) ?? FindIn(Encoding.Unicode.GetString(bytes)) ?? FindIn(Encoding.Unicode.GetString(bytes.AsSpan(Math.Min(1, bytes.Length))));

    /// <summary>All that a person could get to see of an object: more than <c>Format-List * -Force</c> and CliXml show.</summary>
    public static string Describe(object? value)
    {
        var text = new StringBuilder();
        Describe(value, text, [], 0);
        if (value is not null)
            text.AppendLine(PSSerializer.Serialize(value, 3));
        return text.ToString();
    }

    private static void Describe(object? value, StringBuilder text, HashSet<object> seen, int level)
    {
        var inner = value is PSObject wrapped ? wrapped.BaseObject : value;
        if (inner is null || level > DeepestLevel)
            return;
        text.Append(inner).AppendLine();
        if (inner is string or Type or System.Reflection.MemberInfo or CommandInfo or Delegate || inner.GetType().IsPrimitive || !seen.Add(new Identity(inner)))
            return;
        if (inner is System.Net.Http.HttpRequestMessage request)
            text.AppendLine(request.Headers.ToString());
        if (inner is IEnumerable items and not string)
        {
            foreach (var item in items)
                Describe(item is DictionaryEntry entry ? entry.Value : item, text, seen, level + 1);
        }

        foreach (var property in PSObject.AsPSObject(value!).Properties)
        {
            try
            {
                Describe(property.Value, text.Append(property.Name).Append(" = "), seen, level + 1);
            }
            catch (Exception failure) when (failure is GetValueException or InvalidOperationException)
            {
                text.AppendLine(failure.ToString());
            }
        }
    }

    private sealed class Identity(object value)
    {
        private readonly object _value = value;

        public override bool Equals(object? obj) => obj is Identity other && ReferenceEquals(other._value, _value);

        public override int GetHashCode() => RuntimeHelpers.GetHashCode(_value);
    }
}
