// Percentile texts of random histograms, and what HistogramLogReader makes of odd logs.
import org.HdrHistogram.*; import java.io.*; import java.nio.*; import java.util.*;
public class TextGolden {
  static String q(String s){ StringBuilder b=new StringBuilder("\""); for(char c:s.toCharArray()){ if(c=='"'||c=='\\') b.append('\\').append(c); else if(c=='\n') b.append("\\n"); else if(c=='\r') b.append("\\r"); else b.append(c);} return b.append('"').toString(); }
  static String enc(EncodableHistogram h){ ByteBuffer b=ByteBuffer.allocate(h.getNeededByteBufferCapacity()+1024); int n=h.encodeIntoCompressedByteBuffer(b,9); return Base64.getEncoder().encodeToString(Arrays.copyOf(b.array(),n)); }
  public static void main(String[] a) throws Exception {
    Locale.setDefault(Locale.US); Random r=new Random(17);
    try(PrintWriter w=new PrintWriter(new FileWriter("percentile-text.jsonl"))){
      int[] ticks={1,2,5,7,3,1}; double[] units={1,1000,1e6,3,0.5,1e9};
      for(int i=0;i<48;i++){ int digits=i%6; int t=ticks[r.nextInt(6)]; double u=units[r.nextInt(6)]; int n=i<2?0:1+r.nextInt(i%7==0?60:12); boolean dbl=i%4==3;
        StringBuilder o=new StringBuilder("{\"ticks\":"+t+",\"unit\":"+u);
        ByteArrayOutputStream h1=new ByteArrayOutputStream(), h2=new ByteArrayOutputStream();
        if(!dbl){ Histogram h= i%5==0? new Histogram(digits): i%5==1? new Histogram(1000,3600000000000L,digits): new Histogram(1,Long.MAX_VALUE,digits);
          for(int j=0;j<n;j++) h.recordValueWithCount(Math.max(0,(long)Math.pow(2,r.nextDouble()*(i%5==1?40:62))), 1+(r.nextInt(4)==0?r.nextInt(1000):0));
          h.outputPercentileDistribution(new PrintStream(h1,true),t,u,false); h.outputPercentileDistribution(new PrintStream(h2,true),t,u,true); o.append(",\"histogram\":\"").append(enc(h)).append('"');
        } else { DoubleHistogram h=new DoubleHistogram(digits); for(int j=0;j<n;j++) h.recordValue(Math.pow(2,r.nextDouble()*20-10));
          h.outputPercentileDistribution(new PrintStream(h1,true),t,u,false); h.outputPercentileDistribution(new PrintStream(h2,true),t,u,true); o.append(",\"histogram\":\"").append(enc(h)).append('"'); }
        o.append(",\"hgrm\":"+q(h1.toString())+",\"csv\":"+q(h2.toString())+"}"); w.println(o); } }
    Histogram one=new Histogram(1,3600000000L,2); one.recordValue(12345); String H=enc(one); DoubleHistogram d=new DoubleHistogram(2); d.recordValue(0.25); String D=enc(d);
    String[][] logs={
      {"no start time","5.127,1.007,2.769,"+H+"\n6.134,0.5,1,"+H+"\n"},
      {"absolute start time, absolute intervals","#[StartTime: 1438867590.285 (seconds since epoch), Thu Aug 06 06:39:50 PDT 2015]\n1438867590.412,1.007,2.769,"+H+"\n1438867591.419,1.001,2,"+H+"\n"},
      {"relative intervals without base time","#[StartTime: 1438867590.285 (seconds since epoch), x]\n0.127,1.007,2.769,"+H+"\n1.134,0.999,2,"+H+"\n"},
      {"base time wins","#[BaseTime: 1438867000.1 (seconds since epoch)]\n#[StartTime: 1438867590.285 (seconds since epoch), x]\n600.127,1.007,2.769,"+H+"\nTag=x,601.3,1.1,2,"+D+"\n"},
      {"start time after intervals","1438867000.5,1,1,"+H+"\n#[StartTime: 1438867590.285 (seconds since epoch)]\n1438867600.5,1,1,"+H+"\n"},
      {"legends, CRLF, fields behind the histogram","#comment\r\n\"StartTimestamp\",\"x\"\r\nTag=,1.5,2.25,3,"+H+"\r\n\"StartTimestamp\"\r\n2.5,2.25,3,"+H+",extra,fields\r\n"},
      {"negative and odd numbers","3.5,-2,3,"+H+"\n+4.5,.25,3.,"+H+"\n1e3,1E-3,3,"+H+"\n"},
      {"times without a number","#[StartTime: soon]\n#[BaseTime:5]\n7.5,1,1,"+H+"\n"},
    };
    try(PrintWriter w=new PrintWriter(new FileWriter("log-reader.jsonl"))){
      for(String[] l:logs){ StringBuilder o=new StringBuilder("{\"name\":"+q(l[0])+",\"log\":"+q(l[1])+",\"intervals\":["); String err=null; double st=-1; HistogramLogReader lr=new HistogramLogReader(new ByteArrayInputStream(l[1].getBytes("UTF-8")));
        try { boolean f=true; while(lr.hasNext()){ EncodableHistogram e=lr.nextIntervalHistogram(); if(e==null) break; o.append(f?"":",").append("["+(e.getTag()==null?"null":q(e.getTag()))+","+e.getStartTimeStamp()+","+e.getEndTimeStamp()+","+(e instanceof DoubleHistogram)+"]"); f=false; } } catch(Throwable t){ err=t.toString(); }
        o.append("],\"startTimeSec\":"+lr.getStartTimeSec()+(err==null?"":",\"error\":"+q(err))+"}"); w.println(o); } }
  }
}
