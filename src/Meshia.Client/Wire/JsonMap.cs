using System.Text;

namespace Meshia;

/// <summary>A dictionary whose text is JSON, which is what Export-Csv writes of it.</summary>
internal class JsonMap<TValue>(IDictionary<string, TValue> other, StringComparer comparer) : Dictionary<string, TValue>(other, comparer)
{
    public override string ToString() => Encoding.UTF8.GetString(JsonValue.ToBytes(this));
}
